import { hubspot } from '@hubspot/ui-extensions';
import { CompanyCard } from './parts/CompanyCard';

hubspot.extend<'crm.record.tab'>(({ context }) => <CompanyCard context={context} />);
