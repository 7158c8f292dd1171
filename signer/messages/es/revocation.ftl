# Si el certificado fue revocado: no, desde cuándo, o por qué no se sabe.

revocation-good-as-of = según lo que su autoridad publicó el { $at }
revocation-revoked-at = desde el { $at }
revocation-because-nothing = no tenemos noticias de su autoridad
revocation-because-outdated = lo que publicó su autoridad ya venció; aún no tenemos lo más nuevo
revocation-because-not_fetched = le preguntamos a su autoridad y no respondió
revocation-because-no_path = sin una autoridad de confianza no hay a quién preguntar
revocation-doubt = Falta saber si su certificado fue revocado. Si es importante, pregunta a la institución.
