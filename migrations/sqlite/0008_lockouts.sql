-- Accounts that are locked for one network after too many wrong passwords, as the nodes tell it. The lock itself
-- is in the memory of a node; it ends there when its row is taken away here.
CREATE TABLE lockout (
    tenant  BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    account BLOB    NOT NULL CHECK (length(account) = 16),
    network TEXT    NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (tenant, account, network)
) STRICT, WITHOUT ROWID;
