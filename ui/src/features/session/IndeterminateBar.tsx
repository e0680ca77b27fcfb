// Owns the progress bar of work of unknown length. Must never show a percentage.
export function IndeterminateBar({ label }: { label: string }) {
  return (
    <div className="progress indeterminate" role="progressbar" aria-label={label}>
      <i />
    </div>
  );
}
