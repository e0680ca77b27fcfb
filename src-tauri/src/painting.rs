//! How WebKit paints on Linux: with the graphics device, or with the processor alone where there is none.
//! Must never be a setting: what is quicker can be told from the machine. Must never change its mind while
//! there is a window.

use std::path::Path;

/// Where Linux shows what can draw: render nodes of the kernel's drivers, NVIDIA's own, and the one of
/// Windows' subsystem.
const DEVICES: [(&str, &str); 3] = [("/dev/dri", "renderD"), ("/dev", "nvidiactl"), ("/dev", "dxg")];
/// What WebKit asks for when it starts. Whoever has set it has decided.
const SWITCH: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Has the window painted without OpenGL where no graphics device would run it. WebKit composes its layers
/// with OpenGL otherwise, and without a device that is Mesa on the processor: a frame of a full grid takes
/// several times as long (docs/performance.md).
///
/// WebKit hears of it through the environment alone. To be called first, before there is another thread.
pub fn choose() {
    if std::env::var_os(SWITCH).is_some()
        || DEVICES
            .iter()
            .any(|(folder, name)| holds(Path::new(folder), name))
    {
        return;
    }
    #[allow(unsafe_code)]
    // SAFETY: there is no other thread yet that could look at the environment meanwhile.
    unsafe {
        std::env::set_var(SWITCH, "1");
    }
}

/// Whether a folder holds something whose name begins so.
fn holds(folder: &Path, name: &str) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .into_iter()
        .any(|entry| entry.file_name().to_string_lossy().starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_device_is_known_by_how_its_name_begins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("card0"), []).unwrap();
        assert!(!holds(folder.path(), "renderD"), "a screen without a renderer");
        std::fs::write(folder.path().join("renderD128"), []).unwrap();
        assert!(holds(folder.path(), "renderD"));
        assert!(!holds(&folder.path().join("none"), "renderD"), "no such folder");
    }
}
