from diffatlas.catalog.vocabulary import Vocabulary


def make(**terms):
    """id -> (name, aliases, broader)."""
    rows = list(terms.items())
    return Vocabulary(
        [own for own, _ in rows],
        [name for _, (name, _, _) in rows],
        [aliases for _, (_, aliases, _) in rows],
        [broader for _, (_, _, broader) in rows],
    )


def test_an_id_beats_a_name_and_a_name_an_alias():
    words = make(gan=("Adversarial", ["vae"], []), vae=("Autoencoder", ["net"], []),
                 other=("GAN", ["net"], []))  # fmt: skip
    assert words.resolve("vae") == ["vae"]
    assert words.resolve("GAN") == ["gan"]
    assert words.resolve("adversarial") == ["gan"]
    assert words.resolve("Net") == ["vae", "other"]
    assert words.resolve("nothing") == [] == words.resolve("---")


def test_punctuation_counts_where_it_tells_terms_apart():
    words = make(ddpm=("DDPM", [], []), ddpmpp=("DDPM++", ["DDPM plus"], []))
    assert words.resolve("ddpm++") == ["ddpmpp"] and words.resolve("DDPM") == ["ddpm"]
    assert words.resolve("ddpm-") == ["ddpm"] and words.resolve("DDPM-plus") == ["ddpmpp"]


def test_two_parents_and_a_cycle():
    words = make(a=("A", [], ["c"]), b=("B", [], ["a"]), c=("C", [], ["a", "b"]), d=("D", [], []))
    assert set(words.narrower("a")) == {"b", "c"}
    assert words.children("a") == ["b", "c"]
    assert words.narrower("d") == []
    assert words.roots() == ["d"]


def test_suggestions_know_names_and_aliases():
    words = make(**{"low-resolution-image": ("Low-resolution image", ["thumbnail"], [])})
    assert words.suggestions("thumbnial") == ["low-resolution-image"]
    assert words.suggestions("low resolution imag") == ["low-resolution-image"]
    assert words.suggestions("zzz") == []
