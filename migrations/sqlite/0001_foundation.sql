-- The tables of the store. The same numbers, names and columns as in ../postgres.
--
-- Ids are BLOBs of 16 bytes, times INTEGER microseconds since 1970-01-01T00:00:00Z, JSON is TEXT.
-- Keys and whatever clients chose is kept as BLOB: bytes are compared, no collation is involved.
-- Records and what relates them know the tenant only, not each other: a change set is complete and
-- says itself what goes with a record, so each table can be written on its own.

-- What belongs to no tenant: check values of the keys. The first that is written stays.
CREATE TABLE kept (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A tenant: its revision, the number that its next record gets, and the end of its audit log.
CREATE TABLE tenant (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name           TEXT    NOT NULL UNIQUE,
    revision       INTEGER NOT NULL CHECK (revision >= 0),
    next_number    INTEGER NOT NULL CHECK (next_number > 0),
    audit_sequence INTEGER NOT NULL CHECK (audit_sequence >= 0),
    audit_mac      BLOB    NOT NULL CHECK (length(audit_mac) = 32),
    created        INTEGER NOT NULL
) STRICT;

-- Users, groups, roles and the other kinds. A deleted record keeps its row, without its body: its
-- number is never used again, and history can still say its name.
CREATE TABLE record (
    tenant     BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    kind       TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    unique_key BLOB,             -- computed by the program; NULL where nothing must be unique
    name       BLOB    NOT NULL, -- what people call it, for history only
    body       TEXT    NOT NULL, -- its attributes
    created    INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    version    INTEGER NOT NULL, -- the revision of its last change
    deleted    INTEGER,          -- when, if it is
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number),
    UNIQUE (tenant, kind, unique_key)
) STRICT;

-- Members of groups, holders of extensions, users of desks.
CREATE TABLE edge (
    tenant     BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    from_id    BLOB    NOT NULL CHECK (length(from_id) = 16),
    to_id      BLOB    NOT NULL CHECK (length(to_id) = 16),
    is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
    PRIMARY KEY (tenant, kind, from_id, to_id)
) STRICT, WITHOUT ROWID;

-- An extension has one holder at most.
CREATE UNIQUE INDEX edge_extension_holder ON edge (tenant, from_id) WHERE kind = 'extension';

-- Roles given to users, each with who gave it: a person, a connection, a mapping rule, the
-- tenant's file or the operator. source_id is an id, a rule's name or empty.
CREATE TABLE role_grant (
    tenant      BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    user_id     BLOB NOT NULL CHECK (length(user_id) = 16),
    role_id     BLOB NOT NULL CHECK (length(role_id) = 16),
    source_kind TEXT NOT NULL,
    source_id   BLOB NOT NULL,
    PRIMARY KEY (tenant, user_id, role_id, source_kind, source_id)
) STRICT, WITHOUT ROWID;

-- What connections know records by, and which of them owns a record: one at most.
CREATE TABLE link (
    tenant      BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    record      BLOB    NOT NULL CHECK (length(record) = 16),
    connection  BLOB    NOT NULL CHECK (length(connection) = 16),
    external_id BLOB,
    is_owner    INTEGER NOT NULL CHECK (is_owner IN (0, 1)),
    PRIMARY KEY (tenant, record, connection)
) STRICT;

CREATE UNIQUE INDEX link_owner ON link (tenant, record) WHERE is_owner = 1;

-- What principals prove themselves with; verifiers, scopes and the rest are in the body.
CREATE TABLE credential (
    tenant    BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    id        BLOB NOT NULL CHECK (length(id) = 16),
    principal BLOB NOT NULL CHECK (length(principal) = 16),
    kind      TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- The tenant's settings and its catalogue.
CREATE TABLE document (
    tenant BLOB NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    name   TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;

-- The newest change sets, for nodes that follow. Older ones are dropped now and then.
CREATE TABLE change_set (
    tenant   BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    id       BLOB    NOT NULL CHECK (length(id) = 16),
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (tenant, revision),
    UNIQUE (tenant, id)
) STRICT;

-- What was done and what was refused: numbered without gaps, each entry chained to the one before
-- by a keyed hash. Refusals belong to no revision.
CREATE TABLE audit (
    tenant   BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    revision INTEGER,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    mac      BLOB    NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (tenant, sequence)
) STRICT;

-- What is not worth a revision: when a record or credential was last used.
CREATE TABLE activity (
    tenant    BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    subject   BLOB    NOT NULL CHECK (length(subject) = 16),
    last_used INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID;
