//! Listening at a port that no other program can take too (security.md 8). Must never listen at a port that
//! another program listens at.

use std::io;
use std::net::{SocketAddr, TcpListener};

/// Listens at an address.
///
/// # Errors
/// The I/O error, for example where the port is taken.
#[cfg(not(windows))]
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address)
}

/// Listens at an address. Windows would let a program with `SO_REUSEADDR` take the port of a socket without
/// `SO_EXCLUSIVEADDRUSE`, and with it the browser's answer.
///
/// # Errors
/// The I/O error, for example where the port is taken.
#[cfg(windows)]
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    use socket2::{Domain, Socket, Type};
    /// As the standard library has it.
    const QUEUE: i32 = 128;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    set_exclusive(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(QUEUE)?;
    Ok(socket.into())
}

#[cfg(windows)]
#[allow(unsafe_code)]
fn set_exclusive(socket: &socket2::Socket) -> io::Result<()> {
    use std::os::windows::io::AsRawSocket as _;
    use windows_sys::Win32::Networking::WinSock::{SO_EXCLUSIVEADDRUSE, SOCKET, SOL_SOCKET, setsockopt};
    let value = 1_i32.to_ne_bytes();
    let socket = socket.as_raw_socket() as SOCKET;
    // SAFETY: the socket is open, and the pointer is that of four bytes, which the call only reads.
    match unsafe { setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, value.as_ptr(), 4) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_port_that_is_listened_at_can_not_be_taken_too() {
        let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(listen(address).is_err());
        assert!(TcpListener::bind(address).is_err());
    }

    /// What an attacker's program would do.
    #[cfg(windows)]
    #[test]
    fn a_program_that_shares_ports_can_not_take_it_either() {
        use socket2::{Domain, Socket, Type};
        let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let other = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        other.set_reuse_address(true).unwrap();
        assert!(other.bind(&address.into()).is_err());
    }
}
