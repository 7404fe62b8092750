-- Alerts of our own, and what one of them is decided by.

-- Alerts that rules of the policy raised: one for each rule, window and subject.
-- about tells subjects apart: a user's key (a random one where they were erased), the bytes of an address, or nothing.
-- subject is the user or address that it is about; empty where it is about none, or the user was erased.
-- summary names nobody. due_at: where pending, from then on the next attempt may be made.
CREATE TABLE alerts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    about BLOB NOT NULL,
    subject TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    window_end INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    value REAL NOT NULL,
    threshold REAL NOT NULL,
    summary TEXT NOT NULL,
    delivery TEXT NOT NULL CHECK (delivery IN ('none', 'pending', 'delivered', 'given_up')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at INTEGER NOT NULL,
    delivered_at INTEGER,
    UNIQUE (rule, window_start, window_end, about)
) STRICT, WITHOUT ROWID;
-- The few that wait, in their order.
CREATE INDEX alerts_due ON alerts (due_at) WHERE delivery = 'pending';
-- Finds the alerts about whoever is erased.
CREATE INDEX alerts_by_subject ON alerts (about);

-- Credentials that were refused, by address (IPv6 by /64) and minute. Only while a rule asks for it, and for two days.
CREATE TABLE failed_authentications (
    minute INTEGER NOT NULL,
    address TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, address)
) STRICT, WITHOUT ROWID;
