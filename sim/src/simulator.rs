//! The handle on a running simulator.

use std::{fmt, io, net::SocketAddr};

use actix_web::{dev::ServerHandle, web::Data};
use tokio::task::JoinHandle;

use crate::{
    Account, Fault, Ongoing, Recorded, Settings, Standing, faults::Plan, server, simulation::Simulation,
};

/// A running simulator. It stops when this handle is dropped.
pub struct Simulator {
    address: SocketAddr,
    base_url: String,
    simulation: Data<Simulation>,
    server: ServerHandle,
    running: JoinHandle<io::Result<()>>,
}

impl Simulator {
    /// Starts a simulator inside the Tokio runtime, or the actix system, that this is called in. It is reachable when
    /// this returns. Requests are served on threads of its own.
    ///
    /// # Errors
    /// When the address cannot be bound, or the machine has no randomness.
    pub async fn start(settings: Settings) -> io::Result<Self> {
        let simulation = Data::new(Simulation::new(&settings)?);
        let (server, address) = server::bind(&settings, simulation.clone())?;
        Ok(Self {
            address,
            base_url: format!("http://{address}/v1"),
            simulation,
            server: server.handle(),
            running: tokio::spawn(server),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `OPENAI_BASE_URL` is to be set to, such as `http://127.0.0.1:9090/v1`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Makes every request to the provider's API meet `fault`, until told otherwise.
    pub fn set_fault(&self, fault: Fault) {
        self.simulation.faults.plan(Plan { fault, times: None });
    }

    /// Makes the next `times` requests to the provider's API meet `fault`; after them all goes well.
    pub fn fail_next(&self, times: u32, fault: Fault) {
        self.simulation.faults.plan(Plan { fault, times: Some(times) });
    }

    /// Lets everything go right again.
    pub fn clear_fault(&self) {
        self.simulation.faults.clear();
    }

    /// Adds an account with a key of its own, or changes what its key is worth.
    pub fn put_account(&self, name: &str, key: &str, standing: Standing) {
        self.simulation.accounts.put(Account { name: name.to_owned(), key: key.to_owned(), standing });
    }

    /// The requests to the provider's API that are remembered, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.simulation.journal.all()
    }

    /// The newest request to the provider's API.
    #[must_use]
    pub fn last_request(&self) -> Option<Recorded> {
        self.simulation.journal.last()
    }

    /// Forgets the requests. [`minted`](Self::minted) counts on.
    pub fn clear(&self) {
        self.simulation.journal.clear();
    }

    /// How many tokens were made since the start. Counts those whose answer a fault or the client kept from arriving.
    #[must_use]
    pub fn minted(&self) -> u64 {
        self.simulation.minted()
    }

    /// The sessions that are going on, oldest first: calls, and sessions over a WebSocket.
    #[must_use]
    pub fn calls(&self) -> Vec<Ongoing> {
        self.simulation.calls.all()
    }

    /// Ends the session of that id as the provider does, with a word to everyone in it. False if there is none.
    pub fn end_call(&self, id: &str) -> bool {
        self.simulation.calls.end(id)
    }

    /// Ends the session of that id without a word, as if the provider had gone. False if there is none.
    pub fn drop_call(&self, id: &str) -> bool {
        self.simulation.calls.cut(id)
    }

    /// Ends all sessions without a word, as if the provider had gone. Returns how many there were.
    pub fn drop_calls(&self) -> usize {
        self.simulation.calls.cut_all()
    }

    /// Stops it at once: open connections are dropped, hanging ones and calls too. The port is free when this returns.
    pub async fn stop(mut self) {
        self.simulation.calls.cut_all();
        self.server.stop(false).await;
        if let Err(error) = (&mut self.running).await {
            tracing::warn!(%error, "the simulator did not end as it should");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.simulation.calls.cut_all();
        // The request to stop is sent when the future is made; there is nobody here to wait for its outcome.
        drop(self.server.stop(false));
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}
