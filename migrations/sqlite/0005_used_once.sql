-- What may be used once only and was, by a keyed hash of its name: the assertions with which clients
-- prove who they are. A row is of no use any more once what it names is over.
CREATE TABLE used_once (
    tenant  BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    name    BLOB    NOT NULL CHECK (length(name) = 32),
    expires INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
