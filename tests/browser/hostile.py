"""Text that would do something if a page took it for more than text. The host is one that no test may ask."""

HOST = "evil.example"
HOSTILE = (
    f"![](http://{HOST}/a.png)",
    f"[x](javascript:alert(1)) [y](http://{HOST}/b)",
    f"<img src=http://{HOST}/c.png onerror=alert(2)>",
    f"<script>alert(3)</script><svg onload=alert(4)><iframe src=//{HOST}/d>",
    f"\"'><img src=//{HOST}/e onerror=alert(5)>",
    f"http://{HOST}/f www.{HOST} https://{HOST} someone@{HOST}",
    ":red[colour] :material/home: :tada: :blue-background[x] :streamlit: :small[x]",
    "$\\frac{1}{2}$ $$x^2$$ \\(y\\)",
    "**bold** *it* __bold__ _it_ `code` ~~gone~~ # head > quote | cell",
    "&lt;b&gt; &#60;i&#62; \\<u\\> <b>bold</b><!-- -->",
    "# head\n- item\n\n> quote\n```\ncode\n```",
    "1. item",
    f"<a href='javascript:alert(6)'>x</a><style>@import 'http://{HOST}/g'</style>",
    "%{x} {{x}} ${x} {0} %s",
    "\u202eright to left\u202c zero\u200bwidth \u2066isolated",
)
