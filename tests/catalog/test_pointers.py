import pytest
import small_catalog

import diffatlas
from diffatlas.catalog.pointers import url


@pytest.mark.parametrize(
    ("pointer", "address"),
    [
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("arxiv:2006.11239", "https://arxiv.org/abs/2006.11239"),
        ("arxiv:cs/0101001", "https://arxiv.org/abs/cs/0101001"),
        ("doi:10.1109/TPAMI.2023.3261988", "https://doi.org/10.1109/TPAMI.2023.3261988"),
        ("doi:10.1/<a>#b", "https://doi.org/10.1/%3Ca%3E%23b"),
        ("github:owner/name", "https://github.com/owner/name"),
        ("github:owner/name/a b/c.md", "https://github.com/owner/name/blob/HEAD/a%20b/c.md"),
        ("github:owner/name@3d2/x", "https://github.com/owner/name/blob/3d2/x"),
        ("github:owner", None),
        ("memory", None),
        ("javascript:alert(1)", None),
        ("arxiv:", None),
        ("", None),
    ],
)
def test_addresses(pointer, address):
    assert url(pointer) == address


def test_a_source_of_the_catalog(tmp_path):
    atlas = diffatlas.load(small_catalog.write(tmp_path))
    assert url("companion", atlas) == "https://example.org/list"
    assert url("companion") is None and url("unknown", atlas) is None
