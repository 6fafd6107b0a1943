import { hubspot } from '@hubspot/ui-extensions';
import { RecordCard } from './parts/RecordCard';

hubspot.extend<'crm.record.sidebar'>(({ context, actions }) => (
    <RecordCard context={context} actions={actions} brief />
));
