-- What integrators of Clave Única depend on: the state of a request comes back with its code, and a logout lands at a
-- registered authority.

-- The digest of the request's state, for clients that send it again with the code.
ALTER TABLE codes ADD COLUMN state_digest TEXT;

CREATE TABLE client_logout_origins (
  client TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  origin TEXT NOT NULL,
  PRIMARY KEY (client, uri)
);
CREATE INDEX client_logout_origins_origin ON client_logout_origins (origin);
