"""Reading a page of metrics."""

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Key = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Every sample of a page."""

    samples: dict[Key, float]

    @classmethod
    def of(cls, page: str) -> "Numbers":
        """Read the page's text."""
        families = text_string_to_metric_families(page)
        return cls({key(each.name, **each.labels): each.value for one in families for each in one.samples})

    def get(self, name: str, **labels: str) -> float:
        """One sample, 0 if it was never counted."""
        return self.samples.get(key(name, **labels), 0)

    def since(self, before: "Numbers", prefix: str) -> dict[str, float]:
        """What grew of the samples whose names begin so, as `name{label=value,…}`; buckets are left out."""
        return {
            _spelled(name, labels): value - before.samples.get((name, labels), 0)
            for (name, labels), value in self.samples.items()
            if name.startswith(prefix)
            and not name.endswith(("_bucket", "_sum", "seconds"))
            and value != before.samples.get((name, labels), 0)
        }


def key(name: str, **labels: str) -> Key:
    """How a sample is found."""
    return name, frozenset(labels.items())


def _spelled(name: str, labels: frozenset[tuple[str, str]]) -> str:
    return f"{name}{{{','.join(f'{label}={value}' for label, value in sorted(labels))}}}"
