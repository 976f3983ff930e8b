using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>The arguments of one call of a case.</summary>
/// <param name="Values">As the case has them.</param>
/// <param name="Scope">What names mean.</param>
internal sealed record CaseArguments(JsonElement[] Values, CaseScope Scope)
{
    public int Count => Values.Length;

    public ITensor Tensor(int index) => Scope.Tensor(Values[index].GetString()!);

    public ITensor[] Tensors(int index) => [.. Values[index].EnumerateArray().Select(name => Scope.Tensor(name.GetString()!))];

    public T Enum<T>(int index)
        where T : struct, Enum => CaseValues.Enumerator<T>(Values[index]);

    public Mask<T> Set<T>(int index)
        where T : unmanaged, Enum => Mask.Create<T>([.. Values[index].EnumerateArray().Select(CaseValues.Enumerator<T>)]);

    public Dims Dims(int index) => CaseValues.Shape(Values[index]);

    public Weights Weights(int index) => Values[index].ValueKind == JsonValueKind.Null ? Interop.Weights.Empty() : Scope.Weights(Values[index].GetProperty("w").GetString()!);

    public int Int(int index) => Values[index].GetInt32();

    public long Long(int index) => Values[index].GetInt64();

    public float Float(int index) => (float)CaseValues.Number(Values[index]);

    public double Double(int index) => CaseValues.Number(Values[index]);

    public float[] Floats(int index) => [.. Values[index].EnumerateArray().Select(value => (float)CaseValues.Number(value))];

    public bool Bool(int index) => Values[index].GetBoolean();

    public string Text(int index) => Values[index].GetString()!;

    public uint Bits(int index) => Values[index].ValueKind == JsonValueKind.Number
        ? Values[index].GetUInt32()
        : Values[index].EnumerateArray().Aggregate(0u, (bits, axis) => bits | (1u << axis.GetInt32()));

    public Permutation Order(int index)
    {
        Permutation order = default;
        int[] given = [.. Values[index].EnumerateArray().Select(axis => axis.GetInt32())];
        for (int i = 0; i < 8; i++)
        {
            order.Order[i] = i < given.Length ? given[i] : i;
        }

        return order;
    }
}
