//! From the start of the process to the kept list on the screen, seen from outside of the app: no driver,
//! only the pixels of its window. The servers are held back, so that nothing but what was kept can be shown.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, ImageFormat, MapState, Window};
use x11rb::rust_connection::RustConnection;

use super::launch;
use crate::figure::{Figure, median};
use crate::harness::process::Process;
use crate::harness::{App, World, eventually};

/// Longer than any of this takes.
const HELD_BACK: Duration = Duration::from_secs(600);
/// Until the window shows what is waited for.
const LIMIT: Duration = Duration::from_secs(20);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(3);
/// So long does nothing change before a picture is taken for the last one.
const STILL: Duration = Duration::from_secs(2);

/// Where the rows' names and addresses are, without those of the first, which is marked later on.
const PLACE: &str = "
    const cells = [3, 4, 5, 6, 7].map((index) =>
      document.querySelector(`[role=\"grid\"] [role=\"row\"][aria-rowindex=\"${index}\"]:not([aria-hidden])`));
    if (cells.some((row) => row === null)) return null;
    const first = cells[0].getBoundingClientRect();
    const last = cells[4].getBoundingClientRect();
    const scale = window.devicePixelRatio;
    return [first.left + 40, first.top, first.width * 0.4, last.bottom - first.top].map((n) => Math.round(n * scale));";

/// A part of a window.
#[derive(Clone, Copy, Debug)]
struct Part {
    x: i16,
    y: i16,
    width: u16,
    height: u16,
}

/// Starts the app so many times with the list that the directory `data` holds, and as often with nothing kept
/// at all.
pub async fn measure(world: &World, data: &str, times: usize) -> Result<()> {
    let latency = super::LATENCY;
    world.control().set_latency(HELD_BACK);
    let outcome = both(world, data, times).await;
    world.control().set_latency(latency);
    let (cached, empty) = outcome?;
    eprintln!("bench: the kept list is painted after {cached:.0?} ms, an empty page after {empty:.0?} ms");
    Figure {
        name: "start_cached",
        value: median(&cached),
        unit: "ms",
        baseline: median(&empty),
        n: cached.len(),
    }
    .tell();
    Ok(())
}

async fn both(world: &World, data: &str, times: usize) -> Result<(Vec<f64>, Vec<f64>)> {
    let screen = Screen::open(world.env().display()?)?;
    // Where the rows are; what they look like in the end is seen in a window that nothing drives.
    let app = world.start_app_as(launch(world, data)).await?;
    let place = place_of_rows(&app).await;
    app.kill()?;
    let place = place.context("the kept list was not shown while the servers were held back")?;
    let (part, rows) = last_picture(world, data, &screen, Some(place)).await?;
    let (middle, page) = last_picture(world, "nothing", &screen, None).await?;
    let (mut cached, mut empty) = (Vec::new(), Vec::new());
    // By turns: what else the machine does meets both.
    for number in 0..times {
        cached.push(started(world, data, &screen, part, &rows).await?);
        empty.push(started(world, &format!("nothing-{number}"), &screen, middle, &page).await?);
    }
    Ok((cached, empty))
}

/// Waits until the app has kept what it read: it does so some time after, and not at its end.
pub async fn until_kept(world: &World, data: &str) -> Result<()> {
    let folder = world.home().join(data);
    eventually("a kept list", async || Ok(holds_list(&folder).then_some(()))).await
}

fn holds_list(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            holds_list(&path)
        } else {
            path.extension().is_some_and(|kind| kind == "dir")
        }
    })
}

/// Waits for the kept list in a window that is driven, and says where its rows are.
async fn place_of_rows(app: &App) -> Result<Part> {
    let shown = eventually("the kept list", async || {
        let place = app.client().execute(PLACE, vec![]).await?;
        Ok(serde_json::from_value::<Option<[i32; 4]>>(place)?)
    });
    let Ok(place) = tokio::time::timeout(LIMIT, shown).await else {
        bail!("it did not come; the window shows:\n{}", app.outline().await?);
    };
    let place = place?;
    let [x, y, width, height] = place;
    Ok(Part {
        x: i16::try_from(x)?,
        y: i16::try_from(y)?,
        width: u16::try_from(width)?,
        height: u16::try_from(height)?,
    })
}

/// Whether a picture is of more than one color.
fn is_drawn(picture: &[u8]) -> bool {
    let mut pixels = picture.chunks_exact(4);
    let first = pixels.next();
    pixels.any(|pixel| Some(pixel) != first)
}

/// What a part of the window, or else its middle, shows in the end.
async fn last_picture(
    world: &World,
    data: &str,
    screen: &Screen,
    part: Option<Part>,
) -> Result<(Part, Vec<u8>)> {
    let running = start(world, data)?;
    let began = Instant::now();
    let mut still = (Vec::new(), Instant::now());
    while began.elapsed() < LIMIT {
        tokio::time::sleep(LOOK * 10).await;
        let Some(window) = screen.window_of(running.id())? else {
            continue;
        };
        let part = match part {
            Some(part) => part,
            None => screen.middle_of(window)?,
        };
        let Ok(picture) = screen.picture(window, part) else {
            continue;
        };
        if !alike(&picture, &still.0) {
            still = (picture, Instant::now());
        } else if is_drawn(&still.0) && still.1.elapsed() > STILL {
            return Ok((part, still.0));
        }
    }
    bail!("the window never comes to rest")
}

fn start(world: &World, data: &str) -> Result<Process> {
    let launch = launch(world, data);
    let mut env = world.env().clone();
    for (name, value) in &launch.settings {
        env.set(name, value);
    }
    Process::start("started", &mut env.command(&launch.program), world.logs())
}

/// Milliseconds from the start of the process until a part of its window looks like `wanted`.
async fn started(world: &World, data: &str, screen: &Screen, part: Part, wanted: &[u8]) -> Result<f64> {
    let began = Instant::now();
    let running = start(world, data)?;
    let mut window = None;
    let mut nearest = f64::INFINITY;
    while began.elapsed() < LIMIT {
        if window.is_none() {
            window = screen.window_of(running.id())?;
        }
        // A window that is not shown yet has no picture.
        if let Some(picture) = window.and_then(|window| screen.picture(window, part).ok()) {
            if alike(&picture, wanted) {
                return Ok(began.elapsed().as_secs_f64() * 1_000.0);
            }
            nearest = nearest.min(difference(&picture, wanted));
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!(
        "the window never showed it; at best {:.1} % of its pixels were others",
        nearest * 100.0
    )
}

/// The same but for a third of what is drawn on the ground: a caret blinks, a row is marked. Gray
/// placeholders and an empty ground are further off by far.
fn alike(one: &[u8], other: &[u8]) -> bool {
    difference(one, other) <= 0.35
}

/// How many pixels differ, as a share of those that are drawn on the ground of `wanted`.
fn difference(one: &[u8], wanted: &[u8]) -> f64 {
    if one.is_empty() || one.len() != wanted.len() {
        return f64::INFINITY;
    }
    let mut colors: HashMap<&[u8], usize> = HashMap::new();
    for pixel in wanted.chunks_exact(4) {
        *colors.entry(pixel).or_default() += 1;
    }
    let ground = colors.values().max().copied().unwrap_or_default();
    let drawn = (wanted.len() / 4 - ground).max(1);
    let pairs = one.chunks_exact(4).zip(wanted.chunks_exact(4));
    let different = pairs.filter(|(one, wanted)| one != wanted).count();
    different as f64 / drawn as f64
}

/// The screen that all of this happens on.
struct Screen {
    x: RustConnection,
    root: Window,
    pid: u32,
}

impl Screen {
    fn open(display: &str) -> Result<Self> {
        let (x, number) = x11rb::connect(Some(display)).context("there is no screen")?;
        let root = x.setup().roots.get(number).context("no such screen")?.root;
        let pid = x.intern_atom(false, b"_NET_WM_PID")?.reply()?.atom;
        Ok(Self { x, root, pid })
    }

    /// The largest window of a process that can be seen.
    fn window_of(&self, program: u32) -> Result<Option<Window>> {
        let mut largest = None;
        for window in self.x.query_tree(self.root)?.reply()?.children {
            let owner = self
                .x
                .get_property(false, window, self.pid, AtomEnum::CARDINAL, 0, 1)?
                .reply();
            // One that is gone by now has no owner.
            let owner = owner.ok().and_then(|reply| reply.value32()?.next());
            if owner != Some(program) {
                continue;
            }
            let (Ok(about), Ok(place)) = (
                self.x.get_window_attributes(window)?.reply(),
                self.x.get_geometry(window)?.reply(),
            ) else {
                continue;
            };
            let size = u32::from(place.width) * u32::from(place.height);
            let larger = largest.is_none_or(|(known, _)| size > known);
            if about.map_state == MapState::VIEWABLE && size > 100_000 && larger {
                largest = Some((size, window));
            }
        }
        Ok(largest.map(|(_, window)| window))
    }

    /// As large a part of a window as the rows are, where the forms of the sign-in stand.
    fn middle_of(&self, window: Window) -> Result<Part> {
        let place = self.x.get_geometry(window)?.reply()?;
        let share = |of: u16, tenths: u32| u32::from(of) * tenths / 10;
        Ok(Part {
            x: i16::try_from(share(place.width, 3))?,
            y: i16::try_from(share(place.height, 3))?,
            width: u16::try_from(share(place.width, 4))?,
            height: u16::try_from(share(place.height, 3))?,
        })
    }

    /// The pixels of a part of a window, four bytes each.
    fn picture(&self, window: Window, part: Part) -> Result<Vec<u8>> {
        let image = self
            .x
            .get_image(
                ImageFormat::Z_PIXMAP,
                window,
                part.x,
                part.y,
                part.width,
                part.height,
                u32::MAX,
            )?
            .reply()?;
        Ok(image.data)
    }
}
