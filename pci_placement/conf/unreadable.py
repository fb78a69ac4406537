"""What is told of a configuration that cannot be read at all."""

from __future__ import annotations

from collections.abc import Iterable

from oslo_config import cfg

from pci_placement.model import Problem

from .sources import assigned

NOT_ALLOWED = (
    "run it as a user or in a group that may (for the service: SupplementaryGroups= in a drop-in)"
)

FILE = "a configuration file"
NOT_UTF_8 = "{} is not UTF-8 text: {}"
SAVE_AS_TEXT = "save it as UTF-8 (file says what it is, iconv turns it)"

# what oslo.config raises for a $word in a value, one of them for "$alias" in the option alias
# Source: oslo_config/cfg.py, ConfigOpts._substitute.
_TEMPLATE_ERRORS = (
    cfg.TemplateSubstitutionError,
    cfg.NoSuchOptError,
    cfg.NoSuchGroupError,
    RecursionError,
)


def unreadable(error: Exception, files: Iterable[str]) -> Problem:
    """Why the configuration files cannot be read, and what to do about it."""
    if isinstance(error, cfg.ConfigFilesPermissionDeniedError):
        files = ", ".join(error.config_files)
        return Problem(f"cannot read {files}: permission denied", NOT_ALLOWED)
    if isinstance(error, cfg.ConfigFilesNotFoundError):
        return Problem(f"there is no {', '.join(error.config_files)}", "check --config-file")
    if isinstance(error, cfg.ConfigFileParseError):
        if "\ufeff" in str(error) or "\\ufeff" in str(error):
            return Problem(str(error).replace("\n", " "), "save it without a byte order mark")
        hint = "indent the continuation lines of a value, its closing brace included"
        return Problem(str(error).replace("\n", " "), hint)
    if isinstance(error, _TEMPLATE_ERRORS):
        return Problem(f"a $word stands for an option: {error}", "write $$ for a dollar sign")
    if isinstance(error, UnicodeDecodeError):
        return _not_text(error, files)
    return Problem(f"cannot read the configuration: {error}")


def _not_text(error: UnicodeDecodeError, files: Iterable[str]) -> Problem:
    """Name the first file that is none, which oslo.config leaves out."""
    return Problem(NOT_UTF_8.format(next(filter(_is_no_text, files), FILE), error), SAVE_AS_TEXT)


def _is_no_text(file: str) -> bool:
    try:
        assigned(file)
    except UnicodeDecodeError:
        return True
    return False
