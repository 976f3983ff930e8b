using System.Text;

namespace Trt.Utils.Tests.Engines;

/// <summary>Made-up plans: the cache never looks into one.</summary>
internal static class MadePlans
{
    /// <summary>Bytes that follow from a name.</summary>
    public static byte[] Of(string name, int bytes)
    {
        byte[] plan = new byte[bytes];
        new Random(Encoding.UTF8.GetBytes(name).Aggregate(17, (sum, letter) => (sum * 31) + letter)).NextBytes(plan);
        return plan;
    }

    /// <summary>The key of a name.</summary>
    public static EngineCacheKey Key(string name) => new("hash of " + name, "{}", "TensorRT 10.16.1.11", "some GPU") { Name = name };
}
