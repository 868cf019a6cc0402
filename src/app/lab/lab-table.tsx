import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LabState } from '../../core/lab/lab-state.ts';
import type { LabSession } from '../session/lab/lab.ts';
import { compare, type Cell, type Row } from './comparison.ts';

type Side = 'vm' | 'container';

const sideNames: Record<Side, string> = { vm: 'virtual machine', container: 'container' };

/** What was measured, side by side, with what the learner expected. */
export function LabTable({ lab, state }: { lab: LabSession; state: LabState }): JSX.Element {
  const [isTelling, setTelling] = useState(false);
  return (
    <>
      <table class="lab-table">
        <caption class="visually-hidden">What was measured of the virtual machine and of the container</caption>
        <thead>
          <tr>
            <th scope="col">Measured</th>
            <th scope="col">Virtual machine</th>
            <th scope="col">Container</th>
          </tr>
        </thead>
        <tbody>
          {compare(state).map(row => (
            <TableRow key={row.id} lab={lab} row={row} isTelling={isTelling} />
          ))}
        </tbody>
      </table>
      <label class="lab-telling">
        <input type="checkbox" checked={isTelling} onInput={event => setTelling(event.currentTarget.checked)} />
        Say how each was measured
      </label>
    </>
  );
}

function TableRow({ lab, row, isTelling }: { lab: LabSession; row: Row; isTelling: boolean }): JSX.Element {
  return (
    <tr>
      <th scope="row">{row.title}</th>
      {(['vm', 'container'] as const).map(side => (
        <td key={side}>
          <Measured cell={row[side]} isTelling={isTelling} />
          {row.unit !== undefined && <Prediction lab={lab} row={row} side={side} unit={row.unit} />}
        </td>
      ))}
    </tr>
  );
}

function Measured({ cell, isTelling }: { cell: Cell | undefined; isTelling: boolean }): JSX.Element {
  if (cell === undefined) return <span class="quiet-text">not measured yet</span>;
  return (
    <>
      <strong title={cell.how}>{cell.text}</strong>
      {cell.detail !== undefined && <span class="lab-detail">{cell.detail}</span>}
      {isTelling && <span class="lab-how">{cell.how}</span>}
    </>
  );
}

/** Where learners write what they expect, before the measurement and, for comparison, after it. */
function Prediction(props: { lab: LabSession; row: Row; side: Side; unit: string }): JSX.Element {
  const { lab, row, side, unit } = props;
  const key = `${row.id}.${side}`;
  const name = `Your guess: ${row.title.toLowerCase()} of the ${sideNames[side]}, in ${unit === 's' ? 'seconds' : 'megabytes'}`;
  const write = (text: string): void => {
    lab.predictions.value = { ...lab.predictions.value, [key]: text };
  };
  return (
    <label class="lab-guess">
      <span aria-hidden="true">you:</span>
      <input
        type="text"
        inputmode="decimal"
        maxLength={8}
        aria-label={name}
        value={lab.predictions.value[key] ?? ''}
        onInput={event => write(event.currentTarget.value)}
      />
      <span aria-hidden="true">{unit}</span>
    </label>
  );
}
