// Owns the layout of all screens before the shell. Must never know the step of the sign-in.
import type { ReactNode } from "react";
import { Mark } from "../../components/icons";

export function Door({ children }: { children: ReactNode }) {
  return (
    <main className="door">
      <div className="card">
        <Mark />
        {children}
      </div>
    </main>
  );
}
