// Web storage that may be blocked or full: every access can fail, and the caller is told.

function guarded(area) {
  return {
    get(name) {
      try {
        return window[area].getItem(name);
      } catch {
        return null;
      }
    },
    // Whether the value is now stored.
    set(name, value) {
      try {
        window[area].setItem(name, value);
        return true;
      } catch {
        return false;
      }
    },
    remove(name) {
      try {
        window[area].removeItem(name);
      } catch {
        // Nothing was stored, so nothing is left behind.
      }
    },
  };
}

export const local = guarded("localStorage");
export const session = guarded("sessionStorage");
