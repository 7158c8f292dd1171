"""What the black-box tests share: the running stack, a small browser, documents to sign, judges."""
