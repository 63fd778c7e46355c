"""`python -m bayplan`."""

from bayplan.command import main

main()
