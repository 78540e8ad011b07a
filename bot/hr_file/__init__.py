"""Reading an HR file: pure, of bytes and a day alone.

    read(stream, options=Options(), today=…) -> HrFile      or FileRefusedError, with every reason

A file is read whole or not at all: one refused row refuses it. Whatever the bytes are, nothing but
FileRefusedError is raised, and time and memory stay within bounds.
"""

from bot.hr_file.columns import FIELDS, parse_mapping
from bot.hr_file.problems import MOST_LISTED, FileRefusedError, Problem, visible
from bot.hr_file.reading import MOST_BYTES, HrFile, Options, read
from bot.hr_file.roster import HrPerson, HrSpell

__all__ = [
    "FIELDS",
    "MOST_BYTES",
    "MOST_LISTED",
    "FileRefusedError",
    "HrFile",
    "HrPerson",
    "HrSpell",
    "Options",
    "Problem",
    "parse_mapping",
    "read",
    "visible",
]
