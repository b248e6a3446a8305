"""Write the tables of docs/faults.md anew: `python -m tests.docs.faults`, a minute or two."""

from tests.docs.faults.page import PAGE, written

if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
