//! Where cases run.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use futures::FutureExt as _;
use jiff::Timestamp;
use throughline_sandbox::gateway::Gateway;
use throughline_sandbox::{Clock, Cloud, connector};

use crate::account::{Account, FunctionCode, Pace};
use crate::case::Case;
use crate::settings::Settings;

/// How often a client of an endpoint asks in all.
const ATTEMPTS: u32 = 4;

/// How long a case may take in all, where time is real.
const LIMIT: Duration = Duration::from_secs(300);

/// When it is in process: any time that is not now.
const ORIGIN: Timestamp = Timestamp::constant(1_795_521_600, 0);

/// Somewhere that answers AWS's protocols.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Its name, and that of its list.
    pub name: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    InProcess,
    Endpoint(Arc<Endpoint>),
}

#[derive(Debug)]
struct Endpoint {
    url: String,
    settings: Settings,
    pace: Pace,
    retries: RetryConfig,
    program: Vec<u8>,
    run: String,
}

/// Why a backend is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The program of functions cannot be read or packed.
    #[error("could not pack the program of functions")]
    Program(#[source] io::Error),
    /// Nothing listens at the endpoint.
    #[error("nothing answers at {url}")]
    Unreachable {
        /// The endpoint.
        url: String,
        /// What the system said.
        source: io::Error,
    },
    /// The local cloud could not be started.
    #[error("could not start the local cloud: {0}")]
    Cloud(String),
}

impl Backend {
    /// The local cloud in this process, a new one for every case, on virtual time.
    pub fn in_process() -> Self {
        Self { name: "in-process".into(), kind: Kind::InProcess }
    }

    /// The local cloud behind a port, one for all cases, on real time. `program` is what its functions run.
    ///
    /// # Errors
    /// When there is no program, or no port.
    pub fn tcp(settings: &Settings, program: &Path) -> Result<Self, BackendError> {
        let pace = Pace {
            patience: Duration::from_secs(30),
            quiet: Duration::from_millis(400),
            poll: Duration::from_millis(25),
        };
        let url = serve()?;
        let settings = settings.clone();
        // Nothing of the local cloud's own may need a second attempt.
        Self::at("tcp".into(), url, settings, pace, RetryConfig::disabled(), program)
    }

    /// The endpoint that the settings name.
    ///
    /// # Errors
    /// When nothing answers there, or there is no program.
    pub fn endpoint(settings: &Settings, url: &str, program: &Path) -> Result<Self, BackendError> {
        let pace =
            Pace { patience: Duration::from_secs(90), quiet: Duration::from_secs(3), poll: Duration::from_millis(250) };
        reach(url)?;
        let program = settings.function().unwrap_or_else(|| program.to_owned());
        // Clients try again where a service throttles, or fails by itself for a moment.
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        Self::at(settings.backend().to_owned(), url.to_owned(), settings.clone(), pace, retries, &program)
    }

    fn at(
        name: String,
        url: String,
        settings: Settings,
        pace: Pace,
        retries: RetryConfig,
        program: &Path,
    ) -> Result<Self, BackendError> {
        let program = pack(program).map_err(BackendError::Program)?;
        // Two runs against one account do not meet: the processes differ.
        let run = format!("c{:x}", std::process::id());
        Ok(Self { name, kind: Kind::Endpoint(Arc::new(Endpoint { url, settings, pace, retries, program, run })) })
    }

    /// Whether an hour of waiting takes no time here.
    pub fn has_virtual_time(&self) -> bool {
        matches!(self.kind, Kind::InProcess)
    }

    /// Runs a case in an account, or in names, of its own (`number` tells it from the others), and cleans up after it.
    ///
    /// # Errors
    /// What the case panicked with.
    pub fn run(&self, case: &Case, number: usize) -> Result<(), String> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(self.has_virtual_time()).build().map_err(|e| e.to_string())?;
        runtime.block_on(async {
            let account = self.account(number);
            let run = AssertUnwindSafe(async { (case.run)(account.clone()).await }).catch_unwind();
            let ended = match self.has_virtual_time() {
                true => Ok(run.await),
                false => tokio::time::timeout(LIMIT, run).await,
            };
            account.end().await;
            match ended {
                Ok(Ok(())) => Ok(()),
                Ok(Err(panic)) => Err(text(panic.as_ref())),
                Err(_) => Err(format!("not done after {} s", LIMIT.as_secs())),
            }
        })
    }

    fn account(&self, number: usize) -> Account {
        match &self.kind {
            Kind::InProcess => in_process(number),
            Kind::Endpoint(endpoint) => endpoint.account(number),
        }
    }
}

fn in_process(number: usize) -> Account {
    let cloud = Cloud::builder(Clock::starting_at(ORIGIN)).seed(number as u64).build();
    let config = connector::sdk_config(&cloud, connector::in_process(&cloud));
    let pace = Pace {
        patience: Duration::from_secs(4 * 3600),
        quiet: Duration::from_secs(20),
        poll: Duration::from_millis(200),
    };
    let role = Settings::default().role();
    Account::new(&config, pace, role, FunctionCode::InProcess(cloud), format!("c-{number}"))
}

impl Endpoint {
    fn account(&self, number: usize) -> Account {
        let (key, secret, session) = self.settings.credentials();
        let credentials = Credentials::new(key, secret, session.map(str::to_owned), None, "conformance");
        let http = aws_smithy_http_client::Builder::new();
        let https = aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
        );
        let http = match self.url.starts_with("https:") {
            true => http.tls_provider(https).build_https(),
            false => http.build_http(),
        };
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.settings.region().to_owned()))
            .endpoint_url(&self.url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .sleep_impl(TokioSleep::new())
            .retry_config(self.retries.clone())
            .http_client(http)
            .build();
        let code = FunctionCode::Zip(Arc::new(self.program.clone()));
        Account::new(&config, self.pace, self.settings.role(), code, format!("{}-{number}", self.run))
    }
}

/// Fails when nothing listens at the endpoint, once rather than in every case.
fn reach(url: &str) -> Result<(), BackendError> {
    let address = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let port = if url.starts_with("https:") { 443 } else { 80 };
    let connected = match address.contains(':') {
        true => TcpStream::connect(address),
        false => TcpStream::connect((address, port)),
    };
    connected.map(drop).map_err(|source| BackendError::Unreachable { url: url.to_owned(), source })
}

/// The local cloud's port, served by a thread until the process ends.
fn serve() -> Result<String, BackendError> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(tell.send(Err(error.to_string()))),
        };
        runtime.block_on(async {
            let cloud = Cloud::builder(Clock::wall()).build();
            match Gateway::bind(&cloud, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await {
                Ok(gateway) => {
                    let _ = tell.send(Ok(cloud.endpoint().to_owned()));
                    gateway.serve(std::future::pending()).await;
                }
                Err(error) => drop(tell.send(Err(error.to_string()))),
            }
        });
    });
    told.recv().map_err(|e| BackendError::Cloud(e.to_string()))?.map_err(BackendError::Cloud)
}

/// A zip file with the program as its `bootstrap`.
fn pack(program: &Path) -> io::Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    // Not compressed: it goes no further than this machine, many times.
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("bootstrap", options.unix_permissions(0o755))?;
    zip.write_all(&std::fs::read(program)?)?;
    Ok(zip.finish()?.into_inner())
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".into())
}
