"""Every error a user can cause, and what a caller may catch it as.

GrokdashError
├── ConfigError          (ValueError)   a field, option or file has a bad value
├── StoreError           (OSError)      the store or a file in it cannot be used
│   ├── DamagedFileError                a file is not what its checksum or schema says
│   ├── FormatVersionError              a file was written by a newer format
│   ├── RunLockedError                  another process is writing this run
│   ├── NoAnswerError                   a disk or an object store does not answer
│   ├── NotPermittedError               a file or folder may not be read
│   ├── UnusableFolderError             a folder can be neither listed nor written
│   └── DiskFullError                   not enough room; nothing committed was lost
│       └── NoRoomError                 a run would not fit, so it was not begun
├── NoMemoryError        (MemoryError)  a run would not fit, so it was not begun
├── BusyError                           as much is being done as may be at a time
├── EngineLostError      (ConnectionError)  the machines of a sweep went away
├── NotStoredError       (LookupError)  a run, epoch or array is not there
├── OutdatedError                       what is asked for was of an earlier training
└── DivergedError        (ArithmeticError)  the loss became NaN or infinite
"""


class GrokdashError(Exception):
    """Base of all errors with a message meant for the user."""


class ConfigError(GrokdashError, ValueError):
    """A field, option or file has a value that cannot work."""


class StoreError(GrokdashError, OSError):
    """The store or a file in it cannot be used."""

    def __str__(self) -> str:
        """Give the message alone; OSError would show a tuple."""
        return str(self.args[0]) if self.args else ""


class DamagedFileError(StoreError):
    """A file is not what its checksum or the schema says it must be."""


class FormatVersionError(StoreError):
    """A file was written by a newer version of the format."""


class RunLockedError(StoreError):
    """Another process is writing this run."""


class NoAnswerError(StoreError):
    """A disk or an object store does not answer; nothing is known of what is there."""


class NotPermittedError(StoreError):
    """A file or folder may not be read; nothing is known of what is in it."""

    @classmethod
    def of(cls, path: object) -> "NotPermittedError":
        """Say which, and what to do."""
        return cls(f"{path}: may not be read by this process: give it permission to")


class UnusableFolderError(StoreError):
    """A folder can be neither listed nor written: no folder, or not permitted."""


class DiskFullError(StoreError):
    """There is not enough room to commit; everything committed is intact."""


class NoRoomError(DiskFullError):
    """There is not enough room for what would be begun; nothing was begun."""


class NoMemoryError(GrokdashError, MemoryError):
    """There is not enough memory for what would be begun; nothing was begun."""


class BusyError(GrokdashError):
    """As much is being done as may be at a time: wait and ask again."""


class EngineLostError(GrokdashError, ConnectionError):
    """The machines that train a sweep cannot be reached any more; runs are kept."""

    def __str__(self) -> str:
        """Give the message alone, as StoreError does."""
        return str(self.args[0]) if self.args else ""


class NotStoredError(GrokdashError, LookupError):
    """A run, an epoch or an array is not in the store."""

    def __str__(self) -> str:
        """Give the message alone; LookupError keeps quotes for KeyError only."""
        return str(self.args[0]) if self.args else ""


class OutdatedError(GrokdashError):
    """What is asked for belongs to a run that has been trained anew since."""


class DivergedError(GrokdashError, ArithmeticError):
    """The loss became NaN or infinite."""
