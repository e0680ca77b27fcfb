//! How WebKit paints on Linux: with the graphics device, or with the processor if there is none. Must never
//! be a setting: the computer determines which is quicker. Must never change while there is a window.

use std::path::Path;

/// Where Linux lists graphics devices: render nodes of the kernel's drivers, NVIDIA's own, and that of the
/// Windows subsystem.
const DEVICES: [(&str, &str); 3] = [("/dev/dri", "renderD"), ("/dev", "nvidiactl"), ("/dev", "dxg")];
/// The variable that WebKit reads when it starts. A value set by the user counts.
const SWITCH: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Makes the window paint without OpenGL if there is no graphics device. Otherwise WebKit composes its layers
/// with OpenGL, which without a device is Mesa on the processor: a frame of a full grid takes several times
/// as long (docs/performance.md).
///
/// WebKit reads this from the environment only. Call it first, before there is another thread.
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

/// Whether a folder contains a file with this prefix.
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
