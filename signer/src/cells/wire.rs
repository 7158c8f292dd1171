//! Between the service and a cell: one Unix socket. To the cell go frames of a length and JSON, a document's open
//! file beside the first bytes (`SCM_RIGHTS`); back come frames of two lengths, JSON, and bytes.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as Blocking;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;

/// The service's side: sends a question, with the document it is about.
pub(super) async fn ask(socket: &mut UnixStream, question: &[u8], file: Option<&File>) -> io::Result<()> {
    let mut frame = length(question)?.to_vec();
    frame.extend_from_slice(question);
    let Some(file) = file else {
        return socket.write_all(&frame).await;
    };
    let sent = socket
        .async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            let files = [file.as_fd()];
            if !beside.push(SendAncillaryMessage::ScmRights(&files)) {
                return Err(io::Error::other("no room beside the message for one file"));
            }
            let flags = SendFlags::NOSIGNAL;
            Ok(sendmsg(&*socket, &[IoSlice::new(&frame)], &mut beside, flags)?)
        })
        .await?;
    socket.write_all(frame.get(sent..).unwrap_or_default()).await
}

/// The service's side: an answer's two parts.
pub(super) async fn answer(socket: &mut UnixStream) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut lengths = [0; 8];
    socket.read_exact(&mut lengths).await?;
    let [a, b, c, d, e, f, g, h] = lengths;
    let (json, bytes) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
    if json > LARGEST_ANSWER || bytes > LARGEST_PICTURE {
        return Err(io::Error::other("an answer beyond any that a cell gives"));
    }
    Ok((part(socket, json).await?, part(socket, bytes).await?))
}

/// Memory is taken as bytes arrive, not as they are announced, but for a usual report.
async fn part(socket: &mut UnixStream, length: u32) -> io::Result<Vec<u8>> {
    if length == 0 {
        return Ok(Vec::new());
    }
    let announced = usize::try_from(length).unwrap_or(USUAL_ANSWER);
    let mut bytes = Vec::with_capacity(announced.min(USUAL_ANSWER));
    let read = socket.take(u64::from(length)).read_to_end(&mut bytes).await?;
    if u32::try_from(read) == Ok(length) {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// The cell's side: the next question, or `None` when the service is done with us.
pub(super) fn question(socket: &mut Blocking) -> io::Result<Option<(Vec<u8>, Option<File>)>> {
    let mut length = [0_u8; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        &*socket,
        &mut [IoSliceMut::new(&mut length)],
        &mut beside,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let file = beside.drain().find_map(first_file).map(File::from);
    if let Some(rest) = length.get_mut(received.bytes..) {
        socket.read_exact(rest)?;
    }
    let length = u32::from_be_bytes(length);
    let announced = usize::try_from(length).unwrap_or(USUAL_ANSWER);
    let mut question = Vec::with_capacity(announced.min(USUAL_ANSWER));
    socket.take(u64::from(length)).read_to_end(&mut question)?;
    Ok(Some((question, file)))
}

fn first_file(message: RecvAncillaryMessage<'_>) -> Option<OwnedFd> {
    match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    }
}

/// The cell's side: gives an answer.
pub(super) fn reply(socket: &mut Blocking, json: &[u8], bytes: &[u8]) -> io::Result<()> {
    // In one piece: each would wake the service.
    let mut frame = [length(json)?, length(bytes)?].concat();
    frame.extend_from_slice(json);
    socket.write_all(&frame)?;
    socket.write_all(bytes)
}

fn length(part: &[u8]) -> io::Result<[u8; 4]> {
    let length = u32::try_from(part.len()).map_err(|_| io::Error::other("a message beyond any size"))?;
    Ok(length.to_be_bytes())
}

/// A report names at most 50 000 changes, of some hundred bytes each.
const LARGEST_ANSWER: u32 = 32 << 20;
/// The report on a few signatures.
const USUAL_ANSWER: usize = 16 << 10;
/// A page of 1000 pixels compresses to some hundred kB; photographs to a few MB.
const LARGEST_PICTURE: u32 = 8 << 20;
