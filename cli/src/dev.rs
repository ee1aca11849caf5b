//! `dev`: the local cloud stays up.

mod line;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use throughline_sandbox::logs::LogLine;
use throughline_sandbox::{Clock, Cloud};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;

use crate::args::{Dev, Target};
use crate::error::CliError;
use crate::local::{self, Local};
use crate::output;

/// Runs until Ctrl-C or SIGTERM, then ends every process it started.
pub(crate) async fn run(options: Dev, target: &Target) -> Result<(), CliError> {
    let invoke = listen(options.invoke_port).await?;
    let stopped = stop_signal();
    tokio::pin!(stopped);
    if options.empty {
        return empty(options.port, invoke, stopped).await;
    }
    let binaries = tokio::select! {
        built = local::build(&options.boot) => built?,
        () = &mut stopped => return Ok(()),
    };
    let local = tokio::select! {
        started = local::start(&options.boot, &target.stack, options.port, binaries) => started?,
        () = &mut stopped => return Ok(()),
    };
    if let Err(error) = local.check_functions().await {
        local.shutdown().await;
        return Err(error);
    }
    greet(&local, &options);
    let mut tasks = JoinSet::new();
    tasks.spawn(stream_logs(local.cloud.logs().tail()));
    for listener in invoke {
        tasks.spawn(answer_invocations(local.cloud.clone(), listener));
    }
    tasks.spawn(rebuild(options.boot.clone()));
    stopped.await;
    output::note("ending …");
    tasks.shutdown().await;
    local.shutdown().await;
    Ok(())
}

/// An account with nothing in it, until it is stopped.
async fn empty(port: u16, invoke: Vec<TcpListener>, stopped: impl Future<Output = ()>) -> Result<(), CliError> {
    // With nothing booted in one region, there is no reason to answer for one only.
    let (cloud, gateway) = local::bind(Cloud::builder(Clock::wall()).worldwide(), port).await?;
    output::note(&format!(
        "local cloud at {}   empty\n\
         \x20 export AWS_ENDPOINT_URL={0} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1\n\
         \x20 Ctrl-C ends it",
        cloud.endpoint()
    ));
    let mut tasks = JoinSet::new();
    tasks.spawn(stream_logs(cloud.logs().tail()));
    for listener in invoke {
        tasks.spawn(answer_invocations(cloud.clone(), listener));
    }
    gateway.serve(stopped).await;
    output::note("ending …");
    tasks.shutdown().await;
    cloud.lambda().shutdown().await;
    Ok(())
}

/// Listens for `cargo lambda invoke`, which asks `[::1]` and falls back on nothing: on both loopback addresses, where there are two.
async fn listen(port: u16) -> Result<Vec<TcpListener>, CliError> {
    let taken = |address: SocketAddr, error: std::io::Error| {
        CliError::environment(
            "port_taken",
            format!("{address} (for cargo lambda invoke): {error}"),
            "End the program that has it (another `throughline dev`? cargo lambda watch?), or choose another port with --invoke-port.",
        )
    };
    let four = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut listeners = vec![TcpListener::bind(four).await.map_err(|error| taken(four, error))?];
    let six = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    match TcpListener::bind(six).await {
        Ok(listener) => listeners.push(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(taken(six, error)),
        Err(_) => {} // a machine without IPv6
    }
    Ok(listeners)
}

/// Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() {
    let term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match term {
        Ok(mut term) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

fn greet(local: &Local, options: &Dev) {
    output::note(&format!(
        "local cloud at {}   stack {}   {} functions, {} queues, {} tables\n\
         \x20 export AWS_ENDPOINT_URL={0} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1\n\
         \x20 throughline send events/orders.place-order/samples/completes.json\n\
         \x20 cargo lambda invoke place-order --data-file events/invoke/place-order.json   (port {})\n\
         \x20 Ctrl-C ends it",
        local.endpoint(),
        local.topology.stack_name,
        local.topology.functions.len(),
        local.topology.queues.len(),
        local.topology.tables.len(),
        options.invoke_port,
    ));
}

/// Prints what functions log: journal lines shortened, others as they are.
async fn stream_logs(mut lines: Receiver<LogLine>) {
    loop {
        match lines.recv().await {
            Ok(line) => {
                if let Some(text) = line::shorten(&line.message) {
                    output::line(&text);
                }
            }
            Err(RecvError::Lagged(count)) => output::note(&format!("({count} log lines not shown: too many at once)")),
            Err(RecvError::Closed) => return,
        }
    }
}

/// The port that `cargo lambda invoke` asks: Lambda's Invoke, with functions by their short names.
async fn answer_invocations(cloud: Cloud, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        let cloud = cloud.clone();
        connections.spawn(async move {
            let service = service_fn(move |request: http::Request<Incoming>| {
                let cloud = cloud.clone();
                async move {
                    let (parts, body) = request.into_parts();
                    let Ok(body) = body.collect().await else {
                        let mut refused = http::Response::new(Full::default());
                        *refused.status_mut() = StatusCode::BAD_REQUEST;
                        return Ok::<_, std::convert::Infallible>(refused);
                    };
                    Ok(cloud.handle(http::Request::from_parts(parts, body.to_bytes())).await.map(Full::new))
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Builds the functions again when their sources change; the cloud picks up a binary that is newer.
async fn rebuild(boot: crate::args::Boot) {
    if boot.no_build {
        return;
    }
    let mut known = newest(&sources());
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = newest(&sources());
        if now > known {
            known = now;
            match local::build(&boot).await {
                Ok(_) => output::note("rebuilt; the next invocations use it"),
                Err(_) => output::note("it does not build; the last one that did stays"),
            }
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["functions", "shared"].map(PathBuf::from).into();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "toml") {
                found.push(path);
            }
        }
    }
    found
}

fn newest(paths: &[PathBuf]) -> Option<std::time::SystemTime> {
    paths.iter().filter_map(|path| path.metadata().ok()?.modified().ok()).max()
}
