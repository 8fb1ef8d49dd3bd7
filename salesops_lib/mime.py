"""The MIME types under which a notebook hands its numbers on; imports nothing, so anyone may."""

FINDINGS_MIME = "application/vnd.salesops.findings+json"
UNANSWERED_MIME = "application/vnd.salesops.unanswered+json"
