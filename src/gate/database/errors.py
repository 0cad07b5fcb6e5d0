"""What can go wrong with the private PostgreSQL, said to an operator.

DatabaseStartError
└── FolderInUseError     another GATE holds the data folder
"""


class DatabaseStartError(Exception):
    """The private PostgreSQL does not start. `sentence` is for the operator, `log` the server's own last lines."""

    def __init__(self, sentence: str, *, log: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.log = log.strip()

    def __str__(self) -> str:
        return f"{self.sentence}\nIts log ends with:\n{self.log}" if self.log else self.sentence


class FolderInUseError(DatabaseStartError):
    """Another GATE holds the lock of the data folder."""
