import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

public class Hold {
    public static void main(String[] args) throws Exception {
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) 1);
            blocks.add(block);
        }
        Map<Integer, String> small = new HashMap<>();
        for (int i = 0; i < 200000; i++) {
            small.put(i, "s" + i);
        }
        System.out.println("ready");
        Thread.sleep(3600000);
        System.out.println(blocks.size() + small.size());
    }
}
