"""The API's categories, one file each, named as in the URL.

What GATE sends stands on top of a file, then what it takes, then one function per endpoint, then the category's methods.
"""

from typing import Generic

from gate.client.calls import C
from gate.client.categories.aaa_accounting import AaaAccountingCategory
from gate.client.categories.aaa_profile import AaaProfileCategory
from gate.client.categories.access_trace import AccessTraceCategory
from gate.client.categories.device_app_access_devices import DeviceAppAccessDevicesCategory
from gate.client.categories.device_app_access_points import DeviceAppAccessPointsCategory
from gate.client.categories.device_app_connection_log import DeviceAppConnectionLogCategory
from gate.client.categories.device_app_connection_summary import DeviceAppConnectionSummaryCategory
from gate.client.categories.device_app_locations import DeviceAppLocationsCategory
from gate.client.categories.device_app_register import DeviceAppRegisterCategory
from gate.client.categories.device_app_test_report import DeviceAppTestReportCategory
from gate.client.categories.device_app_user_authenticate import DeviceAppUserAuthenticateCategory
from gate.client.categories.device_app_user_update import DeviceAppUserUpdateCategory
from gate.client.categories.health import HealthCategory
from gate.client.categories.hostspot_access_points import HostspotAccessPointsCategory
from gate.client.categories.hostspot_locations import HostspotLocationsCategory
from gate.client.categories.mac import MacCategory
from gate.client.categories.me import MeCategory
from gate.client.categories.organization import OrganizationCategory
from gate.client.categories.portal_login import PortalLoginCategory
from gate.client.categories.session import SessionCategory
from gate.client.categories.token import TokenCategory
from gate.client.categories.txlog_portal import TxlogPortalCategory
from gate.client.categories.user import UserCategory
from gate.client.categories.user_extra import UserExtraCategory
from gate.client.categories.user_token import UserTokenCategory


class Categories(Generic[C]):
    """Every category of the API, as attributes of a client, named as in the URL."""

    def __init__(self, caller: C) -> None:
        self.aaa_accounting = AaaAccountingCategory(caller)
        self.aaa_profile = AaaProfileCategory(caller)
        self.access_trace = AccessTraceCategory(caller)
        self.device_app_access_devices = DeviceAppAccessDevicesCategory(caller)
        self.device_app_access_points = DeviceAppAccessPointsCategory(caller)
        self.device_app_connection_log = DeviceAppConnectionLogCategory(caller)
        self.device_app_connection_summary = DeviceAppConnectionSummaryCategory(caller)
        self.device_app_locations = DeviceAppLocationsCategory(caller)
        self.device_app_register = DeviceAppRegisterCategory(caller)
        self.device_app_test_report = DeviceAppTestReportCategory(caller)
        self.device_app_user_authenticate = DeviceAppUserAuthenticateCategory(caller)
        self.device_app_user_update = DeviceAppUserUpdateCategory(caller)
        self.health = HealthCategory(caller)
        self.hostspot_access_points = HostspotAccessPointsCategory(caller)
        self.hostspot_locations = HostspotLocationsCategory(caller)
        self.mac = MacCategory(caller)
        self.me = MeCategory(caller)
        self.organization = OrganizationCategory(caller)
        self.portal_login = PortalLoginCategory(caller)
        self.session = SessionCategory(caller)
        self.token = TokenCategory(caller)
        self.txlog_portal = TxlogPortalCategory(caller)
        self.user = UserCategory(caller)
        self.user_extra = UserExtraCategory(caller)
        self.user_token = UserTokenCategory(caller)
