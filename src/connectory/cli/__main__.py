"""`python -m connectory.cli` is the command `connectory`."""

from connectory.cli.main import main

main()
