"""The library's one logger. No handler is added to it: applications decide where its lines go."""

import logging

log = logging.getLogger("constructs_lib")
