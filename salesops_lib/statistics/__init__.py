"""Statistical methods that know no sales words; the analyses rest on them."""
