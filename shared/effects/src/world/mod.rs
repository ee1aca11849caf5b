//! Everything that a function runs in.

mod clients;
mod settings;

pub use clients::{Clients, https_connector};
pub use settings::{Settings, SettingsError};

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use throughline_envelope::Ambient;
use throughline_telemetry::Journal;

use crate::outside::Memory;

/// Settings, clients, clock and randomness, journal. Cheap to clone.
#[derive(Debug, Clone)]
pub struct World {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    function: String,
    settings: Settings,
    clients: Clients,
    http: SharedHttpConnector,
    ambient: Ambient,
    journal: Journal,
    circuits: Memory,
}

impl World {
    /// The world of a function on Lambda: HTTPS, the wall clock, standard output.
    ///
    /// # Errors
    /// A setting that the SDK clients need is missing or malformed.
    pub fn on_lambda(settings: Settings, function: &str) -> Result<Self, SettingsError> {
        let ambient = Ambient::system();
        let journal = Journal::stdout(&ambient);
        Self::new(settings, function, https_connector(), ambient, journal)
    }

    /// A world of the given parts: any HTTP connector, any clock, any sink.
    ///
    /// # Errors
    /// A setting that the SDK clients need is missing or malformed.
    pub fn new(
        settings: Settings,
        function: &str,
        http: SharedHttpConnector,
        ambient: Ambient,
        journal: Journal,
    ) -> Result<Self, SettingsError> {
        let clients = Clients::new(&settings, &http, &ambient)?;
        Ok(Self::with_clients(settings, function, clients, http, ambient, journal))
    }

    /// A world with given clients.
    #[must_use]
    pub fn with_clients(
        settings: Settings,
        function: &str,
        clients: Clients,
        http: SharedHttpConnector,
        ambient: Ambient,
        journal: Journal,
    ) -> Self {
        let (function, circuits) = (function.to_owned(), Memory::default());
        Self { inner: Arc::new(Inner { function, settings, clients, http, ambient, journal, circuits }) }
    }

    /// The function's name in the code.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.inner.function
    }

    /// The environment variables.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The AWS clients.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.inner.clients
    }

    pub(crate) fn http(&self) -> &SharedHttpConnector {
        &self.inner.http
    }

    /// What is remembered of the circuits to outside parties.
    pub(crate) fn circuits(&self) -> &Memory {
        &self.inner.circuits
    }

    /// Clock and randomness.
    #[must_use]
    pub fn ambient(&self) -> &Ambient {
        &self.inner.ambient
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.inner.journal
    }
}
