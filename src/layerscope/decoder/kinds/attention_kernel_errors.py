"""What the fast versions of attention say where they cannot be used."""

from layerscope.decoder.kinds.fixed_words import Usual, fixed
from layerscope.decoder.kinds.kind import Kind, kind

KINDS: dict[str, Kind] = {
    "attention-mask-type": kind(
        "An attention mask of another type",
        "Expected attn_mask dtype to be bool or to match query dtype, but got attn_mask.dtype: float and query.dtype: "
        "double instead.",
        (
            r"Expected attn_mask dtype to be bool or (?:float or )?to match query dtype, but got attn_mask\.dtype: "
            r"(?P<mask>[\w:. ]{1,30}?) and query\.dtype: (?P<query>[\w:. ]{1,30}?) instead",
        ),
        fixed(
            "The mask is added to the scores of the queries, so both must have the same type: {mask} is not {query}.",
            Usual(
                "Numbers from NumPy",
                "NumPy uses float64 (double), PyTorch's layers and masks float32.",
                "Write x = x.float() for the input, and leave out net.double().",
                lambda found: "double" in found["query"].lower(),
                only=True,
            ),
            Usual(
                "The network runs in half precision",
                "A mask that was made before keeps float32.",
                "Write mask = mask.to(x.dtype).",
            ),
            Usual(
                "True and False suit every type",
                "A mask of truth values hides where it is True in nn.Transformer.",
                "Write mask = mask.isinf(), for one that holds 0 and -inf.",
            ),
            pieces={"mask": "the mask's type", "query": "the type of the queries"},
        ),
    ),
    "attention-kernel": kind(
        "Attention without a version that can compute it",
        "No available kernel. Aborting execution.",
        (
            r"No available kernel\. Aborting execution",
            r"No viable backend for scaled_dot_product_attention was found",
            r"No operator found for `memory_efficient_attention_(?:forward|backward)` with inputs",
            r"FlashAttention only supports? (?:Ampere|fp16|head dimension)[^\n]{0,60}",
            r"FlashAttention only support fp16 and bf16 data type",
        ),
        fixed(
            "Fast attention has conditions: a newer NVIDIA card, float16 or bfloat16, heads that are not too wide.",
            Usual(
                "The inputs are float32",
                "Flash attention computes in float16 or bfloat16 only.",
                'Write with torch.autocast("cuda", torch.bfloat16): around it.',
                lambda found: "torch.float32" in found.after[:400] or "fp16" in found.message,
            ),
            Usual(
                "No card, or one that is too old",
                "Processors, and cards before RTX 30 and A100, cannot compute flash attention.",
                "Use the usual attention, out = F.scaled_dot_product_attention(q, k, v), with no choice of a version.",
            ),
            Usual(
                "Only one version was allowed",
                "sdpa_kernel and enable_math=False forbid the others.",
                "Allow SDPBackend.MATH too, which computes everything.",
                lambda found: "memory_efficient" not in found.message and "Flash" not in found.message,
                only=True,
            ),
            Usual(
                "xformers was built for another version of PyTorch",
                "Its operators are missing then.",
                "Print what it has: python -m xformers.info.",
                lambda found: "memory_efficient" in found.message,
                only=True,
            ),
        ),
    ),
    "attention-types": kind(
        "Queries, keys and values of different types",
        "Expected query, key, and value to have the same dtype, but got query.dtype: c10::Half key.dtype: float and "
        "value.dtype: float instead.",
        (
            r"Expected query, key, and value to have the same dtype, but got query\.dtype: (?:struct )?"
            r"(?P<query>[\w:]{1,40}) key\.dtype: (?:struct )?(?P<keys>[\w:]{1,40}) and value\.dtype: (?:struct )?"
            r"(?P<values>[\w:]{1,40})",
        ),
        fixed(
            "All three must have one type.",
            Usual(
                "A layer, or a cache, kept another type",
                "Norms and position codes often compute in float32 while the rest is half precision.",
                "Convert before attention: q = q.to(v.dtype); k = k.to(v.dtype).",
            ),
            Usual(
                "Only a part is under autocast",
                "Autocast makes the outputs of Linear half precision, but leaves others as they are.",
                "Put the whole forward under torch.autocast.",
            ),
            pieces={"query": "the type of the queries", "keys": "of the keys", "values": "of the values"},
        ),
    ),
    "flash-missing": kind(
        "flash-attn is not installed",
        "FlashAttention2 has been toggled on, but it cannot be used due to the following error: the package flash_attn "
        "seems to be not installed.",
        (r"FlashAttention ?2 has been toggled on, but it cannot be used",),
        fixed(
            "The model asks for a package that computes attention faster.",
            Usual(
                "The usual attention does as well",
                "The results are the same; only speed and memory differ.",
                'Write attn_implementation="sdpa" in from_pretrained.',
            ),
            Usual(
                "It has to be built for your PyTorch",
                "It needs Linux, an NVIDIA card and the CUDA compiler.",
                "Run python -m pip install flash-attn --no-build-isolation.",
            ),
        ),
    ),
}
