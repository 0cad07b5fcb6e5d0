"""What the RADIUS server counts. Plain integers by name, read by the log line a minute and by tests."""

from collections import Counter


class Metrics(Counter[str]):
    """Counts since the start, by name: `received`, `answered`, `dropped.unknown-client`, `dropped.signature`."""

    def dropped(self, reason: str) -> None:
        """One packet was not answered, for this reason."""
        self[f"dropped.{reason}"] += 1

    def summary(self, since: "Counter[str]") -> str:
        """What changed since `since`, for the log."""
        return ", ".join(f"{name} {self[name] - since[name]}" for name in sorted(self) if self[name] != since[name])
