using System.Security.Cryptography;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A network that a function of the user's defines.</summary>
internal sealed class NetworkSource(Action<INetworkDefinition> define, string name, string? key) : ModelSource("network", name)
{
    public override string? ComputeHash() => key is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"network\n{key}")));

    internal override IDisposable? Define(BuildWork work, INetworkDefinition network)
    {
        define(network);
        return null;
    }
}
