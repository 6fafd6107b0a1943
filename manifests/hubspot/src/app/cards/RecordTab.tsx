import { hubspot } from '@hubspot/ui-extensions';
import { RecordCard } from './parts/RecordCard';

hubspot.extend<'crm.record.tab'>(({ context, actions }) => <RecordCard context={context} actions={actions} />);
