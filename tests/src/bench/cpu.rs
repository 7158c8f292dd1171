//! Processor time and memory as the kernel counts them, and which core a process may use.

use std::{process::Command, time::Duration};

use crate::browser::Trouble;

/// User and system time of a process so far, threads included (proc(5): fields 14 and 15 of `stat`).
pub fn used(pid: u32) -> Result<Duration, Trouble> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything, brackets too
    let (_, fields) = stat.rsplit_once(')').ok_or("stat without a name")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64, Trouble> { Ok(fields.next().ok_or("stat is short")?.parse()?) };
    let all = ticks()?.saturating_add(ticks()?);
    Ok(Duration::from_millis(all.saturating_mul(MILLISECONDS_A_TICK)))
}

/// Resident memory in kilobytes.
pub fn resident(pid: u32) -> Result<u64, Trouble> {
    status(pid, "VmRSS:")
}

/// The most that it ever was, in kilobytes.
pub fn peak(pid: u32) -> Result<u64, Trouble> {
    status(pid, "VmHWM:")
}

fn status(pid: u32, name: &str) -> Result<u64, Trouble> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("not in status")?.parse()?)
}

/// How busy the machine is with other things: the load of the last minute.
pub fn load() -> Result<f64, Trouble> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split_whitespace().next().ok_or("no load")?.parse()?)
}

/// A command that will run on one core only.
pub fn on_core(core: u8, program: &std::path::Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}

/// Moves this process, and the threads it will start, to one core.
pub fn move_to(core: u8) -> Result<(), Trouble> {
    let own = std::process::id().to_string();
    let done = Command::new("taskset")
        .args(["--all-tasks", "--pid", "--cpu-list", &core.to_string(), &own])
        .output()?;
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned().into())
    }
}

/// The service's core.
pub const SERVER: u8 = 0;
/// The driver's core.
pub const DRIVER: u8 = 1;
/// `USER_HZ` is 100 on every Linux that we run on.
const MILLISECONDS_A_TICK: u64 = 10;
