import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;

/** Addresses of a name as Java gives them, or with "get" the status of a page there. */
public class Lookup {
    public static void main(String[] arguments) {
        try {
            if (arguments[0].equals("get")) {
                var page = (HttpURLConnection) URI.create("http://" + arguments[1] + "/").toURL().openConnection();
                page.setConnectTimeout(30_000);
                page.getResponseCode();
                System.out.println(page.getHeaderField("Server-Address"));
                return;
            }
            for (InetAddress address : InetAddress.getAllByName(arguments[1])) {
                System.out.println(address.getHostAddress());
            }
        } catch (Exception error) {
            System.err.println(error);
            System.exit(1);
        }
    }
}
