"""What an empty browser takes from the server before it can show a page: the page, and the files that it names."""

import asyncio
import re

_NAMED = re.compile(r'(?:src|href)="\.?/?((?:static|app/static)/[^"]+)"')


async def files_of_a_page(address: str) -> list[str]:
    """The paths of the page and of the files that it names."""
    page = (await get(address, "")).partition(b"\r\n\r\n")[2].decode()
    return ["", *dict.fromkeys(_NAMED.findall(page))]


async def take(address: str, files: list[str]) -> int:
    """Take all of them, one after the other; how many bytes came. Raises OSError where one does not come."""
    return sum([len(await get(address, path)) for path in files])


async def get(address: str, path: str) -> bytes:
    """A file as it comes, its head included. Raises OSError where the answer is not 200."""
    host = address.removeprefix("http://")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    try:
        head = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.read(-1)
    finally:
        writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise OSError(f"/{path} is answered with {answer[:40].decode(errors='replace')}")
    return answer
