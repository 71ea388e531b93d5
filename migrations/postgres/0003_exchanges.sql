-- What provisioning clients asked for lately and what came of it, for operators to read. It belongs
-- to no revision, and the oldest rows of a connection are dropped now and then. Ids grow with time.
CREATE TABLE exchange (
    tenant     UUID    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    id         UUID    NOT NULL,
    connection UUID    NOT NULL, -- all zeros where the login failed
    at         BIGINT  NOT NULL,
    is_failed  BOOLEAN NOT NULL,
    bytes      BIGINT  NOT NULL, -- of the body
    body       TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX exchange_of_connection ON exchange (tenant, connection, id);
