"""`/console/`: which rows have which page."""

from gate.console.pages import authorities, devices, network, people, portals, realms, settings
from gate.console.site import Console
from gate.devices.models import AuthorizedMac, Device
from gate.nas.models import Nas
from gate.places.models import AccessDevice, AccessPoint, Location
from gate.tokens.models import ApiToken

console = Console(name="admin")
for _model, _page in (*people.ALL, *portals.ALL, *realms.ALL, *authorities.ALL):
    console.register(_model, _page)
console.register(Device, devices.DeviceAdmin)
console.register(AuthorizedMac, devices.AuthorizedMacAdmin)
console.register(Nas, network.NasAdmin)
console.register(Location, network.LocationAdmin)
console.register(AccessPoint, network.AccessPointAdmin)
console.register(AccessDevice, network.AccessDeviceAdmin)
console.register(ApiToken, settings.TokenAdmin)

app_name = "admin"
urlpatterns = console.get_urls()
