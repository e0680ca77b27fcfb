//! A company's own certificate authority, in the operating system's trust store (security.md 52).
//! The store is found through the environment, which a process has only one of: so what is to be checked runs in a child, which
//! is this same test program told to run one ignored test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that stumbles has failed")]

mod common;

use std::process::Command;
use std::sync::Arc;

use ezeep_api::Error;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Where the child finds the server.
const SERVER: &str = "PRESSROOM_TEST_SERVER";

const REPLY: &str = r#"{"id":"u-1","email":"ines@nordhafen.example","first_name":"Ines","last_name":"Vogt"}"#;

/// Asks who it is, as a child with the parent's trust store.
#[tokio::test]
#[ignore = "runs in a child process, started by the test below"]
async fn child_asks_the_server() {
    let client = common::client(&std::env::var(SERVER).unwrap());
    match client.me().await {
        Ok(me) => println!("trusted: {}", me.email),
        Err(Error::Certificate { host, .. }) => println!("untrusted: {host}"),
        Err(other) => panic!("{other:?}"),
    }
}

fn child(server: &str, store: &std::path::Path) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_asks_the_server", "--ignored", "--nocapture"])
        .env(SERVER, server)
        .env("SSL_CERT_FILE", store)
        .env("SSL_CERT_DIR", "/nowhere")
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// security.md 52: an inspecting proxy's certificate is taken where the system trusts its authority, and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_companys_own_authority_is_taken_where_the_system_trusts_it() {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "Nordhafen Inspection CA");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], der)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            // A client that does not trust us hangs up in the handshake.
            let Ok(mut stream) = acceptor.accept(socket).await else {
                continue;
            };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let reply = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{REPLY}",
                REPLY.len()
            );
            let _ = stream.write_all(reply.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (folder.path().join("ours.pem"), folder.path().join("other.pem"));
    std::fs::write(&ours, authority.pem()).unwrap();
    let stranger = rcgen::generate_simple_self_signed(vec!["stranger.example".to_owned()]).unwrap();
    std::fs::write(&other, stranger.cert.pem()).unwrap();
    let (trusting, doubting) = (server.clone(), server);
    let trusted = tokio::task::spawn_blocking(move || child(&trusting, &ours))
        .await
        .unwrap();
    let untrusted = tokio::task::spawn_blocking(move || child(&doubting, &other))
        .await
        .unwrap();
    assert!(trusted.contains("trusted: ines@nordhafen.example"), "{trusted}");
    assert!(untrusted.contains("untrusted: localhost"), "{untrusted}");
}
