from bench.svg import Plot


def test_the_axis_across_counts_in_powers_and_the_one_up_begins_at_nothing() -> None:
    picture = Plot(
        title="cost <ms>", across="products", lines={"list & detail": [(1, 0), (10, 5), (100, 10)]}
    ).svg()

    assert '<path d="M60.0 368.0 L295.0 208.0 L530.0 48.0"' in picture
    assert all(f">{text}<" in picture for text in ("cost &lt;ms&gt;", "list &amp; detail", "1", "100", "10"))
