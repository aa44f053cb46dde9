//! A connection to an endpoint, which can be cut off from outside.

use super::tcp::Stream;
use futures_util::task::AtomicWaker;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::connect::{Connected, Connection as ClientConnection};
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, ready};

pub(super) struct Connection {
    stream: MaybeHttpsStream<Stream>,
    end: ConnectionEnd,
}

/// What cuts a connection off: whatever it is waiting for fails.
#[derive(Clone, Default)]
pub(super) struct ConnectionEnd(Arc<State>);

#[derive(Default)]
struct State {
    is_cut: AtomicBool,
    /// One is enough: reading and writing are the same task's.
    waker: AtomicWaker,
}

impl ConnectionEnd {
    pub fn cut(&self) {
        self.0.is_cut.store(true, SeqCst);
        self.0.waker.wake();
    }

    fn check(&self, cx: &Context<'_>) -> Poll<Result<()>> {
        self.0.waker.register(cx.waker());
        let is_cut = self.0.is_cut.load(SeqCst);
        Poll::Ready(if is_cut { Err(Error::from(ErrorKind::ConnectionAborted)) } else { Ok(()) })
    }
}

impl Connection {
    pub fn new(stream: impl Into<MaybeHttpsStream<Stream>>) -> Self {
        Self { stream: stream.into(), end: ConnectionEnd::default() }
    }

    fn stream(&mut self, cx: &Context<'_>) -> Poll<Result<Pin<&mut MaybeHttpsStream<Stream>>>> {
        ready!(self.end.check(cx))?;
        Poll::Ready(Ok(Pin::new(&mut self.stream)))
    }
}

impl ClientConnection for Connection {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.end.clone())
    }
}

impl Read for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<Result<()>> {
        ready!(self.stream(cx))?.poll_read(cx, buffer)
    }
}

impl Write for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        ready!(self.stream(cx))?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.stream(cx))?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.stream(cx))?.poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        ready!(self.stream(cx))?.poll_write_vectored(cx, slices)
    }
}
