"""One module an analysis: planted truth through the public function, coverage counted."""
