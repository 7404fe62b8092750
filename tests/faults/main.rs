//! The service under fire: what it depends on fails while clients hammer it.
//!
//! A failure is
//!
//! - one token over the limit in any 60 minutes;
//! - a token that a client holds, or that the provider made, without its ledger row;
//! - a spend given back of which nobody knows whether a token was made;
//! - an answer that is not in the table of errors (`src/http/table.rs`), or one that this fault does not explain; no
//!   answer at all; a connection dropped in the middle of one;
//! - an answer later than 2 s after the fault's own bound: the longest that the service waits for what fails;
//! - no recovery within 2 s of the end of the cause, without a restart: whoever asks after that gets a token, or is told
//!   that their hour is spent;
//! - a connection, a task, a thread, a descriptor or memory that stays;
//! - anything that was acknowledged, and is lost at a stop.
//!
//! Not a failure is
//!
//! - 503 `store_unavailable`, 502 and 504 of the provider, for as long as the cause lasts and 2 s more;
//! - a mint that counts although nobody got its token, because nobody knows whether it was made: its user may be refused
//!   who would have had room. A row that stays `pending` becomes `unconfirmed`, and counts too;
//! - under `RATE_LIMIT_ON_STORE_ERROR=allow`, what `docs/operations.md` says is not promised then.
//!
//! `load` asks for tokens, `audit` looks at all of the above that can be seen afterwards, `leaks` counts before and after.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::panic, reason = "a test that waits for what never comes has failed")]
#![expect(clippy::print_stderr, reason = "what is not tested is said aloud")]
#![expect(clippy::indexing_slicing, reason = "a test that looks for what isn't there has failed")]

mod audit;
mod calm;
mod counting;
mod entering;
mod killed;
mod leaks;
mod load;
mod namespace;
mod postgres;
mod provider;
mod site;
mod sqlite;
mod starting;
mod stopping;
mod unready;
mod vanishing;
