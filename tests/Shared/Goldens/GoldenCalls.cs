using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>Makes a case's C++ calls on our interfaces: finds the member of that name and turns the arguments into its types.</summary>
internal sealed class GoldenCalls(JsonElement weights)
{
    private readonly Dictionary<string, Weights> made = [];

    /// <summary>What the names of a case are bound to.</summary>
    public Dictionary<string, object?> Bound { get; } = [];

    /// <summary>A tensor by its name in the case: an input, or <c>l1.0</c> for output 0 of l1.</summary>
    public object? Find(string name)
    {
        if (Bound.TryGetValue(name, out object? known))
        {
            return known;
        }

        int dot = name.LastIndexOf('.');
        return ((ILayer)Bound[name[..dot]]!).GetOutput(int.Parse(name[(dot + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Makes one call.</summary>
    /// <param name="target">Name of the object and the C++ method.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="answers">True when the member answers with something.</param>
    public object? Make(string target, JsonElement[] arguments, out bool answers)
    {
        int dot = target.LastIndexOf('.');
        object receiver = Find(target[..dot])!;
        string method = target[(dot + 1)..];
        answers = true;
        switch (receiver, method)
        {
            // Spans do not pass through reflection.
            case (INetworkDefinition network, "addConcatenation"):
                return network.AddConcatenation(Tensors(arguments[0]));
            case (INetworkDefinition network, "addEinsum"):
                return network.AddEinsum(Tensors(arguments[0]), arguments[2].GetString()!);
            case (IResizeLayer resize, "setScales"):
                answers = false;
                resize.SetScales([.. arguments[0].EnumerateArray().Select(GoldenWeights.Number)]);
                return null;
        }

        Type[] interfaces = receiver.GetType().GetInterfaces();
        string name = char.ToUpperInvariant(method[0]) + method[1..];
        MethodInfo? found = interfaces.SelectMany(type => type.GetMethods())
            .FirstOrDefault(candidate => candidate.Name == name && candidate.GetParameters().Length == arguments.Length);
        if (found is null)
        {
            PropertyInfo property = interfaces.SelectMany(type => type.GetProperties())
                .FirstOrDefault(candidate => candidate.Name == name[3..]) ?? throw new MissingMethodException(receiver.GetType().Name, method);
            found = name.StartsWith("Set", StringComparison.Ordinal) ? property.GetSetMethod()! : property.GetGetMethod()!;
        }

        answers = found.ReturnType != typeof(void);
        ParameterInfo[] parameters = found.GetParameters();
        object?[] values = [.. arguments.Select((argument, i) => Value(argument, parameters[i].ParameterType))];
        try
        {
            return found.Invoke(receiver, values);
        }
        catch (TargetInvocationException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }

    private ITensor[] Tensors(JsonElement names) => [.. names.EnumerateArray().Select(name => (ITensor)Find(name.GetString()!)!)];

    private object? Value(JsonElement json, Type type)
    {
        if (type == typeof(Weights))
        {
            return json.ValueKind == JsonValueKind.Null ? Weights.Empty() : WeightsOf(json.GetProperty("w").GetString()!);
        }

        if (type == typeof(Dims))
        {
            return DimsOf(json);
        }

        if (type == typeof(Permutation))
        {
            Permutation permutation = default;
            int axis = 0;
            foreach (JsonElement one in json.EnumerateArray())
            {
                permutation.Order[axis++] = one.GetInt32();
            }

            return permutation;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Mask<>))
        {
            return Mask.Create<TensorFormat>([.. json.EnumerateArray().Select(name => GoldenNames.Parse<TensorFormat>(name.GetString()!))]);
        }

        if (type.IsEnum)
        {
            return json.ValueKind == JsonValueKind.Number ? Enum.ToObject(type, json.GetInt32()) : GoldenNames.Parse(type, json.GetString()!);
        }

        return json.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.Array => json.EnumerateArray().Aggregate(0u, (bits, bit) => bits | (1u << bit.GetInt32())),
            JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
            _ when type == typeof(float) => GoldenWeights.Number(json),
            _ when type == typeof(double) => json.GetDouble(),
            _ when type == typeof(string) => json.GetString(),
            JsonValueKind.String => Find(json.GetString()!),
            _ => Convert.ChangeType(json.GetInt64(), type, System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private Weights WeightsOf(string name)
    {
        if (!made.TryGetValue(name, out Weights known))
        {
            made[name] = known = GoldenWeights.Read(weights.GetProperty(name));
        }

        return known;
    }

    /// <summary>A shape: a list, or a count that may differ from its list.</summary>
    public static Dims DimsOf(JsonElement json)
    {
        bool counted = json.ValueKind == JsonValueKind.Object;
        Dims dims = new([.. (counted ? json.GetProperty("d") : json).EnumerateArray().Select(extent => extent.GetInt64())]);
        if (counted)
        {
            dims.NbDims = json.GetProperty("nb").GetInt32();
        }

        return dims;
    }
}
